with

rules as (

    select * from {{ ref('int_segment_rules_checked') }}

),

first_sessions as (

    select * from {{ ref('int_first_sessions_described') }}

),

happenings as (

    select
        user_id,
        event_name,
        event_count
    from {{ ref('int_first_session_events_counted') }}
    where not is_milestone

    union all

    select
        user_id,
        event_name,
        event_count
    from {{ ref('int_first_session_milestones_reached') }}

),

-- What never happened is 0.
measured as (

    select
        first_sessions.user_id,
        rules.segment,
        rules.priority,
        rules.operator,
        rules.value,
        coalesce(
            case rules.feature
                {%- for feature in first_session_features() %}
                when '{{ feature }}' then cast(first_sessions.{{ feature }} as double)
                {%- endfor %}
                else happenings.event_count
            end,
            0
        ) as measure
    from first_sessions
    cross join rules
    left join happenings
        on first_sessions.user_id = happenings.user_id and rules.feature = happenings.event_name

),

judged as (

    select
        user_id,
        segment,
        priority,
        {{ rule_is_met('operator', 'measure', 'value') }} as is_met
    from measured

),

fitting as (

    select
        user_id,
        segment,
        priority
    from judged
    group by user_id, segment, priority
    having count(*) = count_if(is_met)

),

ranked as (

    select
        user_id,
        segment,
        row_number() over (partition by user_id order by priority, segment) as place
    from fitting

)

select
    first_sessions.user_id,
    coalesce(ranked.segment, 'other') as segment
from first_sessions
left join ranked on first_sessions.user_id = ranked.user_id and ranked.place = 1
