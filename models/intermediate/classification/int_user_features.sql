with

cutoffs as (

    select * from {{ ref('int_cutoffs_spanned') }}

),

user_weeks as (

    select * from {{ ref('int_user_weeks_summarized') }}

),

profiles as (

    select
        *,
        {{ week_of('created_at') }} as created_week
    from {{ ref('stg_platform__users') }}

),

users as (

    select distinct user_id from user_weeks

),

-- Whom the earlier cut-offs have: the same users at each, and always the same ones of the same users.
learned_from as (

    select user_id
    from users
    order by md5(user_id), user_id
    limit {{ var('learning_users') }}

),

known as (

    select
        user_weeks.*,
        cutoffs.week_index as cutoff_week,
        cutoffs.week_index - user_weeks.week_index as weeks_ago
    from user_weeks
    left join learned_from on user_weeks.user_id = learned_from.user_id
    inner join cutoffs
        on
            user_weeks.seen_week < cutoffs.week_index
            and (user_weeks.replaced_week is null or user_weeks.replaced_week >= cutoffs.week_index)
            and (cutoffs.is_newest or learned_from.user_id is not null)

),

summed as (

    select
        user_id,
        cutoff_week,
        min(first_known_at) as first_known_at,
        max(last_active_at) as last_active_at,
        min(first_ordered_at) as first_ordered_at,
        max(last_ordered_at) as last_ordered_at,
        bit_or(
            case when weeks_ago <= 4 then active_days_mask * cast(power(2, 7 * (weeks_ago - 1)) as bigint) else 0 end
        ) as active_days_mask,
        {%- for week in range(1, 6) %}
        sum(case when weeks_ago = {{ week }} then order_count else 0 end) as orders_week_{{ week }},
        {%- endfor %}
        {%- for measure in recent_measures() %}
        sum(case when weeks_ago <= 4 then {{ measure }} else 0 end) as {{ measure }}_4w,
        {%- endfor %}
        sum(order_count) as order_count,
        sum(point_change) as point_balance
    from known
    group by user_id, cutoff_week

)

select
    summed.user_id,
    cutoffs.cutoff_at,
    cutoffs.cutoff_on,
    cutoffs.week_index,
    cutoffs.is_newest,
    profiles.user_id is not null as has_profile,
    coalesce(profiles.gender, 'unknown') as gender,
    coalesce(profiles.income_band, 'unknown') as income_band,
    coalesce(profiles.country_group, 'unknown') as country_group,
    coalesce(profiles.acquisition_channel, 'unknown') as acquisition_channel,
    coalesce(profiles.device_type, 'unknown') as device_type,
    cast({{ age_on('profiles.birth_date', 'cutoffs.cutoff_on') }} as bigint) as age,
    {{ days_between(period_start('day', 'profiles.created_at'), 'cutoffs.cutoff_on') }} as tenure_days,
    {{ days_between(period_start('day', 'summed.first_known_at'), 'cutoffs.cutoff_on') }} as days_since_first_known,
    {{ days_between(period_start('day', 'summed.last_active_at'), 'cutoffs.cutoff_on') }} as days_since_active,
    cast(bit_count(summed.active_days_mask) as bigint) as active_days_4w,
    {%- for week in range(1, 6) %}
    cast(summed.orders_week_{{ week }} as bigint) as orders_week_{{ week }},
    {%- endfor %}
    cast(summed.order_count as bigint) as order_count,
    {{ days_between(period_start('day', 'summed.first_ordered_at'), 'cutoffs.cutoff_on') }} as days_since_first_order,
    {{ days_between(period_start('day', 'summed.last_ordered_at'), 'cutoffs.cutoff_on') }} as days_since_order,
    {%- for measure in recent_measures() %}
    cast(summed.{{ measure }}_4w as {{ 'double' if measure in ['order_value', 'moderated_minutes'] else 'bigint' }})
        as {{ measure }}_4w,
    {%- endfor %}
    cast(summed.point_balance as bigint) as point_balance
from summed
inner join cutoffs on summed.cutoff_week = cutoffs.week_index
left join profiles
    on
        summed.user_id = profiles.user_id
        and cutoffs.week_index > profiles.created_week
