with

profiles as (

    select * from {{ ref('agg_segment_profiles') }}

),

behaviours as (

    select * from {{ ref('first_session_behaviours') }}

),

benchmarks as (

    select
        device_type,
        max({{ wilson_lower_bound('activated_in_first_session', 'complete_users') }}) as benchmark_rate
    from profiles
    where
        device_type != 'all'
        and complete_users >= {{ var('min_segment_size') }}
    group by device_type

),

-- A device without a benchmark is none to improve on.
compared as (

    select
        profiles.segment,
        {{ steady(
            'sum(profiles.complete_users * coalesce(benchmarks.benchmark_rate, profiles.first_session_activation_rate))'
        ) }} as activations_at_benchmark,
        count(benchmarks.benchmark_rate) as devices_with_benchmark
    from profiles
    left join benchmarks on profiles.device_type = benchmarks.device_type
    where profiles.device_type != 'all'
    group by profiles.segment

),

measured as (

    select
        profiles.segment,
        profiles.users,
        profiles.share_of_device as share_of_users,
        profiles.complete_users,
        profiles.activated_in_first_session,
        profiles.first_session_activation_rate as activation_rate,
        case
            when compared.devices_with_benchmark > 0
                then {{ ratio('compared.activations_at_benchmark', 'profiles.complete_users') }}
        end as benchmark_rate
    from profiles
    inner join compared on profiles.segment = compared.segment
    where profiles.device_type = 'all'

),

gains as (

    select
        *,
        case
            when benchmark_rate > activation_rate
                then {{ steady('complete_users * (benchmark_rate - activation_rate)') }}
            when benchmark_rate <= activation_rate then 0.0
        end as expected_gain
    from measured

),

ranked as (

    select
        *,
        row_number() over (order by expected_gain desc nulls last, users desc, segment asc) as priority_rank,
        sum(users) over () as all_users,
        count(*) over () as segments
    from gains

),

in_words as (

    select
        *,
        activated_in_first_session || ' of ' || complete_users || ' ('
        || {{ with_one_place('100 * activation_rate') }} || '%) were activated in it' as success,
        'the best segment on their devices surely reaches' as best,
        case
            when priority_rank = 1 then 'the most of all segments'
            else 'number ' || priority_rank || ' of ' || segments || ' segments'
        end as standing
    from ranked

),

reasons as (

    select
        *,
        case
            when complete_users = 0 then 'None of them has had {{ var("activation_days") }} days yet.'
            when benchmark_rate is null
                then success || '; no segment on their devices has {{ var("min_segment_size") }} clients to compare.'
            when expected_gain = 0 then success || ', no less than ' || best || '.'
            else
                success || ', where ' || best || ' ' || {{ with_one_place('100 * benchmark_rate') }} || '%: '
                || {{ with_one_place('expected_gain') }} || ' more activations to be had, ' || standing || '.'
        end as reason
    from in_words

)

select
    reasons.segment,
    cast(reasons.priority_rank as bigint) as rank,
    cast(reasons.users as bigint) as users,
    reasons.share_of_users,
    cast(reasons.complete_users as bigint) as complete_users,
    cast(reasons.activated_in_first_session as bigint) as activated_in_first_session,
    reasons.activation_rate,
    reasons.benchmark_rate,
    cast(reasons.expected_gain as double) as expected_gain,
    reasons.users || ' of ' || reasons.all_users || ' new clients ('
    || {{ with_one_place('100 * reasons.share_of_users') }} || '%) '
    || coalesce(behaviours.behaviour, 'are ' || replace(reasons.segment, '_', ' ')) || '. ' || reasons.reason
        as sentence
from reasons
left join behaviours on reasons.segment = behaviours.segment
