with

onboarding_rows as (

    select * from {{ ref('base_onboarding__onboarding_events') }}
    where outcome != 'rejected'

),

declared_milestones as (

    select * from {{ ref('milestones') }}

),

-- Exports repeat the dates on every row: few rows say anything new.
states as (

    select
        client_id,
        account_id,
        {%- for column in milestone_dates() %}
        {{ column.name }},
        {%- endfor %}
        min(first_loaded_at) as first_told_at,
        {{ order_told() }} as recency
    from onboarding_rows
    group by
        client_id,
        {%- for column in milestone_dates() %}
        {{ column.name }},
        {%- endfor %}
        account_id

),

dates as (
    {% for column in milestone_dates() %}
    select
        '{{ column.of }}' as entity,
        {{ column.of }}_id as entity_id,
        '{{ column.name }}' as date_column,
        {{ column.name }} as reached_at,
        min(first_told_at) as first_told_at,
        max(recency) as recency
    from states
    where
        {{ column.of }}_id is not null
        and {{ column.name }} is not null
    group by {{ column.of }}_id, {{ column.name }}
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
),

owners as (

    select
        'account' as entity,
        account_id,
        {{ latest_known('client_id', 'recency') }} as client_id
    from states
    where account_id is not null
    group by account_id

),

reached as (

    select
        declared_milestones.milestone,
        declared_milestones.side_effect_of,
        dates.entity,
        dates.entity_id,
        {{ latest_known('dates.reached_at', 'dates.recency') }} as reached_at,
        {{ latest_known('dates.first_told_at', 'dates.recency') }} as loaded_at
    from dates
    inner join declared_milestones
        on dates.entity = declared_milestones.entity and dates.date_column = declared_milestones.date_column
    group by
        declared_milestones.milestone,
        declared_milestones.side_effect_of,
        dates.entity,
        dates.entity_id

)

select
    {{ hashed_id(['reached.milestone', 'reached.entity_id']) }} as event_id,
    reached.milestone,
    'milestone.' || reached.milestone as event_name,
    reached.entity_id,
    owners.account_id,
    coalesce(owners.client_id, reached.entity_id) as user_id,
    causes.milestone is not null as is_trial_side_effect,
    reached.reached_at,
    reached.loaded_at
from reached
left join owners on reached.entity = owners.entity and reached.entity_id = owners.account_id
left join reached as causes
    on
        reached.side_effect_of = causes.milestone
        and reached.entity = causes.entity
        and reached.entity_id = causes.entity_id
        and reached.reached_at <= causes.reached_at
        and reached.reached_at + interval '{{ var("side_effect_seconds") }} seconds' >= causes.reached_at
