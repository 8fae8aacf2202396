{% set known_genders = "'" ~ var('known_genders') | join("', '") ~ "'" %}

with

checked as (

    select * from {{ ref('base_platform__users') }}
    where outcome = 'accepted'

),

typed as (

    select
        *,
        lower(gender) as named_gender,
        {{ parse_date('birth_date') }} as day_of_birth
    from checked

)

select
    user_id,
    created_at,
    case when named_gender in ({{ known_genders }}) then named_gender end as gender,
    case
        when day_of_birth >= date '{{ var("earliest_birth_date") }}' and day_of_birth <= cast(created_at as date)
            then day_of_birth
    end as birth_date,
    income_band,
    acquisition_channel,
    acquisition_campaign,
    country_group,
    device_type,
    user_level,
    updated_at
from typed
