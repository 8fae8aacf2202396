with

user_months as (

    select * from {{ ref('int_user_months_described') }}
    where is_complete

),

rules as (

    select * from {{ ref('user_segments') }}

),

-- Many user-months are alike: they are judged once.
alike as (

    select
        {%- for feature in user_month_features() %}
        {{ feature }},
        {%- endfor %}
        row_number() over (order by {{ user_month_features() | join(', ') }}) as alike_number
    from user_months
    group by {{ user_month_features() | join(', ') }}

),

judged as (

    select
        alike.alike_number,
        rules.segment,
        rules.priority,
        rules.operator,
        rules.value,
        case rules.feature
            {%- for feature in user_month_features() %}
            when '{{ feature }}' then cast(alike.{{ feature }} as double)
            {%- endfor %}
        end as measure
    from alike
    cross join rules

),

fitting as (

    select
        alike_number,
        segment,
        priority
    from judged
    group by alike_number, segment, priority
    having count(*) = count_if({{ rule_is_met('operator', 'measure', 'value') }})

),

first_fitting as (

    select
        alike_number,
        min_by(segment, (priority, segment)) as segment
    from fitting
    group by alike_number

)

select
    user_months.user_id,
    user_months.month_start,
    coalesce(first_fitting.segment, 'other') as segment,
    {%- for feature in user_month_features() %}
    cast(user_months.{{ feature }} as bigint) as {{ feature }},
    {%- endfor %}
    user_months.is_active
from user_months
inner join alike
    on
        true
        {%- for feature in user_month_features() %}
        and user_months.{{ feature }} is not distinct from alike.{{ feature }}
        {%- endfor %}
left join first_fitting on alike.alike_number = first_fitting.alike_number
