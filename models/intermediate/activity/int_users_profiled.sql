with

profiles as (

    select * from {{ ref('stg_platform__users') }}

),

-- What came after as_of is not known yet.
user_days as (

    select * from {{ ref('int_user_days_united') }}
    where first_active_at <= {{ as_of('activity') }}

),

active_users as (

    select
        user_id,
        min(first_active_at) as first_active_at,
        min(active_on) as first_active_on
    from user_days
    group by user_id

)

select
    coalesce(profiles.user_id, active_users.user_id) as user_id,
    profiles.created_at,
    {{ period_start('day', 'profiles.created_at') }} as created_on,
    profiles.birth_date,
    {%- for attribute in profile_attributes() %}
    coalesce(profiles.{{ attribute }}, 'unknown') as {{ attribute }},
    {%- endfor %}
    active_users.first_active_at,
    active_users.first_active_on
from profiles
full outer join active_users on profiles.user_id = active_users.user_id
