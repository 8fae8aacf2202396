with

rows_of_exports as (

    select * from {{ ref('base_onboarding__onboarding_events') }}
    where outcome != 'rejected'

),

-- Up to when each export tells; one that came in late tells of nothing newer than those before it.
exports as (

    select
        first_loaded_at,
        max(max(event_dttm)) over (order by first_loaded_at asc nulls first rows unbounded preceding) as told_at
    from rows_of_exports
    group by first_loaded_at

),

-- An export repeats what it knows on every row: few rows say anything new.
states as (

    select
        account_id,
        first_loaded_at,
        current_account_status,
        {{ order_told() }} as recency
    from rows_of_exports
    where
        account_id is not null
        and current_account_status is not null
    group by account_id, first_loaded_at, current_account_status

),

told as (

    select
        states.account_id,
        exports.told_at,
        {{ latest_known('states.current_account_status', 'states.recency') }} as account_status
    from states
    inner join exports on states.first_loaded_at is not distinct from exports.first_loaded_at
    group by states.account_id, exports.told_at

),

compared as (

    select
        *,
        lag(account_status) over (partition by account_id order by told_at) as previous_status
    from told

),

changes as (

    select
        account_id,
        account_status,
        told_at
    from compared
    where
        previous_status is null
        or previous_status != account_status

)

select
    account_id,
    account_status,
    told_at,
    lead(told_at) over (partition by account_id order by told_at) as replaced_at
from changes
