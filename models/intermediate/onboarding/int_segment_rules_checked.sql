with

rules as (

    select * from {{ ref('first_session_segments') }}

),

taxonomy as (

    select * from {{ ref('event_taxonomy') }}

),

milestones as (

    select * from {{ ref('milestones') }}

)

select
    rules.segment,
    rules.priority,
    rules.feature,
    rules.operator,
    rules.value,
    rules.feature in (
        {%- for feature in first_session_features() %}
        '{{ feature }}'{{ ',' if not loop.last }}
        {%- endfor %}
    )
    or taxonomy.event_name is not null
    or milestones.milestone is not null as is_known_feature
from rules
left join taxonomy on rules.feature = taxonomy.event_name
left join milestones on rules.feature = 'milestone.' || milestones.milestone
