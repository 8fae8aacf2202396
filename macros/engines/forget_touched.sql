{% macro forget_touched(timeline, started_at, rules) %}
    {{ adapter.dispatch('forget_touched')(timeline, started_at, rules) }}
{% endmacro %}

{#-
What is looked for is asked for as constants (which loads are new, since when something changed), or by a variable of
the connection: DuckDB then skips what was written before, where a join would read all of it.
-#}
{% macro duckdb__forget_touched(timeline, started_at, rules) %}
    {% do run_query(
        'create table if not exists ' ~ applied_loads(this)
        ~ ' (consumer varchar, feed varchar, load_number bigint, rules varchar)'
    ) %}
    {% if execute and is_incremental() %}
    {% set applied = run_query(
        'select feed, load_number, rules != ' ~ rules ~ ' from ' ~ applied_loads(this)
        ~ " where consumer = '" ~ this.identifier ~ "' order by feed"
    ).rows %}
    {% set first_change_at = run_query(
        'select min(event_at) from ' ~ ref('int_events_changed') ~ ' where ' ~ is_new_to(applied)
    ).rows[0][0] %}
    {% set touched %}
    create or replace table {{ touched_by(this) }} as
    with
    changed as (
        select
            user_id,
            min(event_at) as first_change_at,
            count(*) as changed_events
        from {{ ref('int_events_changed') }}
        where {{ is_new_to(applied) if first_change_at is not none else 'false' }}
        group by user_id
    ),
    {%- if timeline %}
    affected as (
        select
            changed.user_id,
            min(earlier.unbroken_since) as first_session_at
        from {{ timeline }} as earlier
        inner join changed on earlier.user_id = changed.user_id
        where
            {% if first_change_at is not none -%}
            earlier.event_at >= timestamp '{{ first_change_at }}' - interval '{{ var("session_gap_minutes") }} minutes' and
            {%- endif %}
            (
                {{ is_same_session('earlier.event_at', 'changed.first_change_at') }}
                or earlier.event_at >= changed.first_change_at
            )
        group by changed.user_id
    ),
    {%- endif %}
    touched as (
        select
            changed.user_id,
            changed.changed_events,
            {%- if timeline %}
            least(changed.first_change_at, coalesce(affected.first_session_at, changed.first_change_at)) as recompute_from
        from changed
        left join affected on changed.user_id = affected.user_id
            {%- else %}
            {{ day_rewritten_with('changed.first_change_at') }} as recompute_from
        from changed
            {%- endif %}
        {% if applied | selectattr(2) | list %}
        union all
        -- Other rules than those that the table was built by: everything anew.
        select distinct
            user_id,
            0 as changed_events,
            timestamp '0001-01-01' as recompute_from
        from {{ ref('int_events') }}
        {% endif %}
    )
    select
        user_id,
        cast(sum(changed_events) as bigint) as changed_events,
        min(recompute_from) as recompute_from
    from touched
    group by user_id
    {% endset %}
    {% do run_query(touched) %}
    set variable first_touched = (
        select coalesce(min(recompute_from), timestamp 'infinity') from {{ touched_by(this) }}
    );
    delete from {{ this }}
    using {{ touched_by(this) }} as touched
    where
        {{ is_touched(this.identifier, started_at) }}
        and {{ this.identifier }}.{{ started_at }} >= cast({{ first_touched() }} as date)
    {% endif %}
{% endmacro %}

{% macro spark__forget_touched(timeline, started_at, rules) %}
    {#- Nothing is deleted: whole buckets of users are built anew from their events and take the place of the old ones. -#}
    {% do run_query(
        'create table if not exists ' ~ applied_loads(this)
        ~ ' (feed string, load_number bigint, rules string) using parquet'
    ) %}
    {% if is_incremental() %}
    {% do run_query('drop table if exists ' ~ touched_by(this)) %}
    create table {{ touched_by(this) }} using parquet as
    with
    applied as (
        select * from {{ applied_loads(this) }}
    ),
    touched as (
        select
            {{ user_bucket('changes.user_id') }} as user_bucket,
            changes.user_id
        from {{ ref('int_events_changed') }} as changes
        left join applied on changes.feed = applied.feed
        where changes.judged_in_load > coalesce(applied.load_number, 0)
        union all
        -- Other rules, or another number of buckets, than those that the table was built by: everything anew.
        select distinct
            {{ user_bucket('everybody.user_id') }} as user_bucket,
            cast(null as string) as user_id
        from {{ ref('int_events') }} as everybody
        where exists (select 1 from applied where applied.rules != {{ bucketed(rules) }})
    )
    select
        user_bucket,
        count(user_id) as changed_events,
        count(distinct user_id) as changed_users
    from touched
    group by user_bucket
    {% endif %}
{% endmacro %}
