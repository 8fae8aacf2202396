with

accounts as (

    select * from {{ ref('dim_accounts') }}
    where current_account_status is not null

),

statuses as (

    select * from {{ ref('dim_account_statuses') }}
    where is_current

)

select
    accounts.account_id,
    statuses.account_id as account_id_of_status,
    accounts.current_account_status,
    statuses.account_status
from accounts
full outer join statuses on accounts.account_id = statuses.account_id
where accounts.current_account_status is distinct from statuses.account_status
