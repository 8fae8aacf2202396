-- A misspelt feature would be taken for an event that never happens.
select rules.feature
from {{ ref('first_session_segments') }} as rules
left join {{ ref('event_taxonomy') }} as taxonomy on rules.feature = taxonomy.event_name
left join {{ ref('milestones') }} as milestones on rules.feature = 'milestone.' || milestones.milestone
where
    rules.feature not in (
        {%- for feature in first_session_features() %}
        '{{ feature }}',
        {%- endfor %}
        ''
    )
    and taxonomy.event_name is null
    and milestones.milestone is null
