with

known_rows as (

    select * from {{ ref('base_onboarding__onboarding_events') }}
    where outcome != 'rejected'

),

counted as (
    {% for entity in ['client', 'account'] %}
    {% set last_entity = loop.last %}
    {% for attribute in onboarding_attributes(entity) %}
    select
        '{{ entity }}' as entity,
        '{{ attribute }}' as attribute,
        {{ entity }}_id as entity_id,
        count(distinct {{ attribute }}) as value_count
    from known_rows
    where {{ entity }}_id is not null
    group by {{ entity }}_id
    {% if not (last_entity and loop.last) %}
    union all
    {% endif %}
    {% endfor %}
    {% endfor %}
)

select
    entity,
    attribute,
    count(*) as entities,
    cast(sum(case when value_count > 1 then 1 else 0 end) as bigint) as entities_in_conflict
from counted
group by entity, attribute
