with

statuses as (

    select * from {{ ref('int_account_statuses_dated') }}

)

select
    account_id,
    account_status,
    replaced_at is null as is_current,
    told_at,
    replaced_at
from statuses
