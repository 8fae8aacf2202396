{% macro spanned_periods(bounds, known_until, known_from=none) %}
    {% set is_over = 'next_period_start <= ' ~ in_reporting_time(known_until) %}
    numbered as (

        select {{ each_number('first_day', 'last_day') }} as day_number
        from {{ bounds }}
        where first_day <= last_day

    ),

    days as (

        select date '1970-01-01' + cast(day_number as int) as calendar_day
        from numbered

    ),

    periods as (
        {% for grain in period_grains() %}
        select distinct
            '{{ grain }}' as period_grain,
            {{ period_index(grain, 'calendar_day') }} as period_index,
            {{ first_day(grain, 'calendar_day') }} as period_start,
            {{ next_period_start(grain, first_day(grain, 'calendar_day')) }} as next_period_start
        from days
        {% if not loop.last %}
        union all
        {% endif %}
        {% endfor %}
    )

    select
        period_grain,
        period_index,
        period_start,
        next_period_start,
        {{ is_over }} as is_over,
        {{ is_over }}{{ ' and period_start >= ' ~ period_start('day', known_from) if known_from }} as is_complete
    from periods
{% endmacro %}
