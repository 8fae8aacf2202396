with

events as (

    select * from {{ ref('int_event_versions_dated') }}

),

sessions as (

    select * from {{ ref('int_known_sessions_counted') }}

),

{% for name, model, moment in [
    ('moderated_sessions', 'stg_platform__activity_sessions', 'started_at'),
    ('orders', 'stg_platform__orders', 'ordered_at'),
    ('transactions', 'stg_loyalty__point_transactions', 'transaction_at'),
    ('profiles', 'stg_platform__users', 'created_at'),
] -%}
-- Feeds that don't say when they were loaded: what they tell was known when it happened.
{{ name }} as (

    select
        *,
        {{ week_of(moment) }} as week_index,
        {{ week_of(moment) }} as seen_week,
        cast(null as bigint) as replaced_week
    from {{ ref(model) }}

),

{% endfor -%}
parts as (
    {{ user_week_part(
        'events',
        {
            'event_count': '1',
            'chat_count': 'case when is_chat_initiation then 1 else 0 end',
            'message_count': "case when event_name = '" ~ var('message_event') ~ "' then 1 else 0 end",
        },
        {'known_at': 'event_at', 'active_at': 'case when is_activity then event_at end'}
    ) }}
    union all
    {{ user_week_part('sessions', {'session_count': 'session_count'}) }}
    union all
    {{ user_week_part(
        'moderated_sessions',
        {
            'message_count': 'messages_sent',
            'moderated_session_count': '1',
            'moderated_minutes': 'session_length_minutes',
        },
        {'known_at': 'started_at', 'active_at': 'started_at'}
    ) }}
    union all
    {{ user_week_part(
        'orders',
        {'order_count': '1', 'order_value': 'coalesce(order_value, 0)'},
        {'known_at': 'ordered_at', 'ordered_at': 'ordered_at'}
    ) }}
    union all
    {{ user_week_part(
        'transactions',
        {
            'point_transaction_count': '1',
            'accrued_points': "case when transaction_type = 'accrue' then points else 0 end",
            'redeemed_points': "case when transaction_type = 'redeem' then points else 0 end",
            'point_change': 'signed_points',
        },
        {'known_at': 'transaction_at'}
    ) }}
    union all
    {{ user_week_part('profiles', {}, {'known_at': 'created_at'}) }}
)

select
    user_id,
    week_index,
    seen_week,
    replaced_week,
    {%- for moment in ['known_at', 'active_at', 'ordered_at'] %}
    min(first_{{ moment }}) as first_{{ moment }},
    max(last_{{ moment }}) as last_{{ moment }},
    {%- endfor %}
    {%- for measure in feature_measures() %}
    sum({{ measure }}) as {{ measure }},
    {%- endfor %}
    coalesce(bit_or(active_days_mask), 0) as active_days_mask
from parts
group by user_id, week_index, seen_week, replaced_week
