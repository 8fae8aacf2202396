with

engagement as (

    select * from {{ ref('fct_new_user_engagement') }}

),

profiles as (

    select * from {{ ref('stg_platform__users') }}

)

select
    engagement.user_id,
    engagement.initiated_within_{{ chat_initiation_days() | max }}d as is_engaged,
    coalesce(profiles.income_band, 'unknown') as income_band,
    cast({{ age_on('profiles.birth_date', 'engagement.created_on') }} as bigint) as age
from engagement
inner join profiles on engagement.user_id = profiles.user_id
where engagement.is_complete_{{ chat_initiation_days() | max }}d
