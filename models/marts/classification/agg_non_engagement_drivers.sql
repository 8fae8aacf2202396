{% set days = chat_initiation_days() | max %}

with

counts as (

    select * from {{ ref('int_driver_values_counted') }}

),

numbers as (

    select * from {{ ref('int_driver_numbers_ranked') }}

),

tested as (

    select * from {{ ref('int_drivers_tested') }}

),

drivers as (

    select
        attribute,
        attribute_value,
        users,
        engaged_users,
        {{ ratio('engaged_users', 'users') }} as engagement_rate,
        {{ ratio('engaged_users', 'users') }} / nullif({{ ratio('all_engaged', 'all_users') }}, 0) as lift,
        {{ ratio('all_engaged', 'all_users') }} as usual_rate,
        cast(null as double) as median_of_engaged,
        cast(null as double) as median_of_others,
        test,
        case when test = 'chi_squared' then chi_squared end as statistic,
        sqrt(chi_squared / all_users) as effect_size,
        sqrt(chi_squared / all_users) as strength
    from counts

    union all

    select
        attribute,
        null as attribute_value,
        users,
        engaged_users,
        {{ ratio('engaged_users', 'users') }} as engagement_rate,
        null as lift,
        null as usual_rate,
        median_of_engaged,
        median_of_others,
        test,
        u as statistic,
        rank_biserial as effect_size,
        z / sqrt(users) as strength
    from numbers

),

judged as (

    select
        drivers.*,
        tested.p_value,
        tested.q_value,
        {{ steady('drivers.strength') }} as steady_strength,
        coalesce(tested.q_value <= {{ var('driver_max_q') }}, false) as is_driver
    from drivers
    left join tested
        on
            drivers.attribute = tested.attribute
            and drivers.attribute_value is not distinct from tested.attribute_value

),

-- Of an attribute, what tells most about it. Of two values each is the other's opposite: the one that fewer chat with.
strongest as (

    select
        *,
        row_number() over (
            partition by attribute, is_driver
            order by steady_strength desc, lift asc, attribute_value asc
        ) as place_in_attribute
    from judged

),

placed as (

    select
        *,
        case
            when is_driver and place_in_attribute = 1
                then row_number() over (
                        partition by is_driver and place_in_attribute = 1
                        order by steady_strength desc, attribute asc
                    )
        end as strength_rank
    from strongest

)

select
    attribute,
    attribute_value as value,
    users,
    engaged_users,
    engagement_rate,
    lift,
    median_of_engaged,
    median_of_others,
    test,
    statistic,
    p_value,
    q_value,
    effect_size,
    strength,
    is_driver,
    cast(strength_rank as bigint) as strength_rank,
    case
        when strength_rank is not null and attribute_value is not null
            then
                'Of ' || users || ' users with ' || replace(attribute, '_', ' ') || ' ' || attribute_value || ', '
                || {{ with_one_place('100 * (1 - engagement_rate)') }}
                || ' % begin no chat within {{ days }} days; of all, '
                || {{ with_one_place('100 * (1 - usual_rate)') }} || ' %.'
        when strength_rank is not null
            then
                'The median ' || replace(attribute, '_', ' ')
                || ' of those who begin no chat within {{ days }} days is '
                || {{ with_one_place('median_of_others') }} || ', of those who do '
                || {{ with_one_place('median_of_engaged') }} || '.'
    end as sentence
from placed
