{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    full_refresh=false
) }}

with

milestones as (

    select * from {{ ref('int_milestones') }}

),

noted as (
    {% if is_incremental() %}
    select
        *,
        row_number() over (partition by event_id order by change_number desc, is_removed asc) as recency
    from {{ this }}
    {% else %}
    select
        event_id,
        user_id,
        reached_at,
        loaded_at,
        false as is_removed,
        cast(0 as bigint) as change_number,
        cast(1 as bigint) as recency
    from milestones
    where false
    {% endif %}
),

before as (

    select * from noted
    where
        recency = 1
        and not is_removed

),

paired as (

    select
        coalesce(before.event_id, milestones.event_id) as event_id,
        before.user_id as old_user_id,
        before.reached_at as old_reached_at,
        before.loaded_at as old_loaded_at,
        milestones.user_id as new_user_id,
        milestones.reached_at as new_reached_at,
        milestones.loaded_at as new_loaded_at
    from before
    full outer join milestones on before.event_id = milestones.event_id

),

moved as (

    select * from paired
    where
        old_user_id is distinct from new_user_id
        or old_reached_at is distinct from new_reached_at
        or old_loaded_at is distinct from new_loaded_at

),

places as (

    select
        event_id,
        old_user_id as user_id,
        old_reached_at as reached_at,
        old_loaded_at as loaded_at,
        true as is_removed
    from moved
    where old_user_id is not null

    union all

    select
        event_id,
        new_user_id as user_id,
        new_reached_at as reached_at,
        new_loaded_at as loaded_at,
        false as is_removed
    from moved
    where new_user_id is not null

)

select
    event_id,
    user_id,
    reached_at,
    loaded_at,
    is_removed,
    (select coalesce(max(noted.change_number), 0) + 1 from noted) as change_number
from places
