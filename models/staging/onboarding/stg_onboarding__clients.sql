{{ config(materialized='table') }}

with

-- Replayed events count here, too: a later export may know more of their client.
rows_of_clients as (

    select * from {{ ref('base_onboarding__onboarding_events') }}
    where outcome != 'rejected'

),

-- Exports repeat what they know on every row: few rows say anything new.
states as (

    select
        {%- for attribute in onboarding_attributes('client') %}
        {{ attribute }},
        {%- endfor %}
        client_id,
        {{ order_told() }} as recency
    from rows_of_clients
    group by
        {%- for attribute in onboarding_attributes('client') %}
        {{ attribute }},
        {%- endfor %}
        client_id

),

clients as (

    select
        {%- for attribute in onboarding_attributes('client') %}
        {{ latest_known(attribute, 'recency') }} as {{ attribute }},
        {%- endfor %}
        client_id
    from states
    group by client_id

)

select
    client_id,
    country_group,
    support_provided,
    traffic_source,
    first_device_type_of_user as first_device_type,
    client_creationdate as created_at
from clients
