{%- set positions = [] -%}
{%- for kind in first_session_kinds() %}{% do positions.append('sessions.' ~ kind ~ '_position') %}{% endfor -%}

with

clients as (

    select * from {{ ref('stg_onboarding__clients') }}
    where {{ is_new_client('created_at') }}

),

happenings as (

    select * from {{ ref('int_first_session_events_counted') }}

),

taxonomy as (

    select * from {{ ref('event_taxonomy') }}

),

timeline as (

    select * from {{ ref('int_events_sessionized') }}

),

accounts as (

    select * from {{ ref('stg_onboarding__accounts') }}

),

activations as (

    select * from {{ ref('int_accounts_activated') }}

),

milestone_sessions as (

    select * from {{ ref('int_milestones_sessionized') }}

),

named as (

    select
        happenings.*,
        {{ known_category('taxonomy.event_category') }} as event_category
    from happenings
    left join taxonomy on happenings.event_name = taxonomy.event_name

),

sessions as (

    select
        user_id,
        min(first_event_at) as started_at,
        max(last_event_at) as ended_at,
        coalesce(sum(event_count) filter (where not is_milestone), 0) as event_count,
        count(*) filter (where not is_milestone) as distinct_event_count,
        {%- for category in event_categories() if category != 'milestone' %}
        coalesce(sum(event_count) filter (where not is_milestone and event_category = '{{ category }}'), 0)
            as {{ category }}_event_count,
        {%- endfor %}
        min(first_position) filter (where event_category = 'onboarding') as onboarding_position,
        min(first_position) filter (where event_category = 'tutorial') as tutorial_position,
        min(first_position) filter (where event_category = 'builder') as builder_position,
        min(first_position) filter (where event_name = '{{ var("trial_event") }}') as trial_position
    from named
    group by user_id

),

-- A contact is collected, or a milestone reached, without anybody coming back.
returns as (

    select
        timeline.user_id,
        min(timeline.event_at) as returned_at
    from timeline
    inner join taxonomy on timeline.event_name = taxonomy.event_name and taxonomy.is_activity
    where timeline.session_number > 1
    group by timeline.user_id

),

first_activations as (

    select
        accounts.client_id,
        min(activations.activated_at) as activated_at,
        min(milestone_sessions.{{ shown_reading() }}_session_number) as activation_session_number
    from activations
    inner join accounts on activations.account_id = accounts.account_id
    left join milestone_sessions on activations.event_id = milestone_sessions.event_id
    group by accounts.client_id

)

select
    clients.client_id as user_id,
    clients.first_device_type as device_type,
    clients.created_at,
    sessions.started_at,
    sessions.ended_at,
    returns.returned_at,
    first_activations.activated_at,
    first_activations.activation_session_number,
    {{ seconds_between('sessions.started_at', 'sessions.ended_at') }} as duration_seconds,
    coalesce(sessions.event_count, 0) as event_count,
    coalesce(sessions.distinct_event_count, 0) as distinct_event_count,
    {%- for category in event_categories() if category != 'milestone' %}
    coalesce(sessions.{{ category }}_event_count, 0) as {{ category }}_event_count,
    {%- endfor %}
    {%- for position in positions %}
    {{ place_among(position, positions) }} as {{ first_session_kinds()[loop.index0] }}_place,
    {%- endfor %}
    coalesce(returns.returned_at <= sessions.ended_at + interval '1 day', false) as came_back_within_a_day
from clients
left join sessions on clients.client_id = sessions.user_id
left join returns on clients.client_id = returns.user_id
left join first_activations on clients.client_id = first_activations.client_id
