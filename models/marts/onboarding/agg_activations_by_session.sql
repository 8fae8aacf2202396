with

activations as (

    select
        *,
        coalesce(device_type, 'unknown') as known_device_type
    from {{ ref('fct_activations') }}
    where activated_at is not null

),

readings as (

    select
        'stream' as session_reading,
        known_device_type as device_type,
        stream_session_number as session_number
    from activations

    union all

    select
        'enclosing' as session_reading,
        known_device_type as device_type,
        enclosing_session_number as session_number
    from activations

),

with_all_devices as (

    select
        session_reading,
        device_type,
        session_number
    from readings

    union all

    select
        session_reading,
        'all' as device_type,
        session_number
    from readings

),

counted as (

    select
        session_reading,
        device_type,
        session_number,
        count(*) as activations
    from with_all_devices
    group by session_reading, device_type, session_number

),

totals as (

    select
        session_reading,
        device_type,
        sum(activations) as all_activations
    from counted
    group by session_reading, device_type

)

select
    counted.session_reading,
    counted.device_type,
    counted.session_number,
    counted.activations,
    cast(totals.all_activations as bigint) as all_activations,
    {{ ratio('counted.activations', 'totals.all_activations') }} as activation_share
from counted
inner join totals
    on counted.session_reading = totals.session_reading and counted.device_type = totals.device_type
