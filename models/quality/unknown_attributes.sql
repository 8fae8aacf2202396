with

checked as (

    select * from {{ ref('base_platform__users') }}
    where outcome = 'accepted'

),

users as (

    select * from {{ ref('stg_platform__users') }}

),

judged as (

    select
        'gender' as attribute,
        case
            when checked.gender is null then 'empty'
            when users.gender is null then 'unknown_value'
        end as reason
    from checked
    inner join users on checked.user_id = users.user_id

    union all

    select
        'birth_date' as attribute,
        case
            when checked.birth_date is null then 'empty'
            when {{ parse_date('checked.birth_date') }} is null then 'date_unparseable'
            when users.birth_date is null then 'out_of_range'
        end as reason
    from checked
    inner join users on checked.user_id = users.user_id

)

select
    attribute,
    reason,
    count(*) as users
from judged
where reason is not null
group by attribute, reason
