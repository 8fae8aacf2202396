with

timeline as (

    select * from {{ ref('int_events_sessionized') }}

)

{% if var('milestones_are_events') %}
select distinct
    user_id,
    unbroken_since
from timeline
where feed = 'milestones'
{% else %}
-- Of users with milestones any stretch may take one in.
select distinct
    user_id,
    unbroken_since
from timeline
where
    position_in_session = 1
    and user_id in (select user_id from {{ ref('int_milestones') }})
{% endif %}
