with

named as (

    select * from {{ ref('int_users_named') }}

),

profiles as (

    select * from {{ ref('stg_platform__users') }}

),

users as (

    select
        named.user_id,
        profiles.user_id is not null as has_profile,
        profiles.created_at,
        {{ period_start('day', 'profiles.created_at') }} as created_on,
        {{ period_start('day', as_of('activity')) }} as told_on,
        profiles.gender,
        profiles.birth_date,
        {{ age_on('profiles.birth_date', period_start('day', as_of('activity'))) }} as age,
        profiles.income_band,
        profiles.acquisition_channel,
        profiles.acquisition_campaign,
        profiles.country_group,
        profiles.device_type,
        profiles.user_level,
        profiles.updated_at
    from named
    left join profiles on named.user_id = profiles.user_id

),

age_bands as (

    select * from {{ ref('age_bands') }}

),

activity as (

    select * from {{ ref('int_user_activity_summarized') }}

),

sessions as (

    select
        user_id,
        count(*) as session_count,
        count_if(started_at > {{ as_of('activity') }} - interval '7 days') as session_count_7d,
        count_if(started_at > {{ as_of('activity') }} - interval '28 days') as session_count_28d,
        sum(event_count) as event_count,
        {{ mean_seconds('duration_seconds') }} as mean_session_seconds,
        min(started_at) as first_session_at,
        max(started_at) as last_session_at,
        sum(chat_event_count) as chat_event_count
    from {{ ref('fct_sessions') }}
    where
        event_count > milestone_event_count
        and started_at <= {{ as_of('activity') }}
    group by user_id

),

engagement as (

    select * from {{ ref('fct_new_user_engagement') }}

),

moderated as (

    select
        user_id,
        count(*) as moderated_session_count,
        {{ steady('sum(session_length_minutes)') }} as moderated_minutes,
        {{ mean('user_engagement_score') }} as mean_engagement_score,
        {{ mean('engagement_index') }} as mean_engagement_index,
        {{ mean('feedback_rating') }} as mean_feedback_rating,
        max(started_at) as last_moderated_session_at
    from {{ ref('fct_activity_sessions') }}
    group by user_id

),

recommendations as (

    select * from {{ ref('int_recommendations_summarized') }}

),

first_sessions as (

    select * from {{ ref('fct_first_sessions') }}

),

accounts as (

    select
        dim_accounts.user_id,
        count(*) as account_count,
        count(activations.activated_at) as activated_account_count,
        min(activations.activated_at) as first_activated_at
    from {{ ref('dim_accounts') }} as dim_accounts
    left join {{ ref('fct_activations') }} as activations on dim_accounts.account_id = activations.account_id
    group by dim_accounts.user_id

),

points as (

    select * from {{ ref('dim_point_balances') }}

),

orders as (

    select * from {{ ref('int_user_orders_summarized') }}

),

predictions as (

    select * from {{ ref('int_user_predictions_pivoted') }}

),

-- At the end of the last complete month.
segments as (

    select
        user_id,
        max_by(segment, month_start) as segment,
        max(month_start) as segment_month
    from {{ ref('fct_user_segments_monthly') }}
    group by user_id

),

-- Of assignments at the same moment, the experiment that comes first by name.
last_assignments as (

    select
        user_id,
        experiment_name,
        variant,
        stratum,
        assigned_at
    from (
        select
            *,
            row_number() over (partition by user_id order by assigned_at desc, experiment_name asc) as place
        from {{ ref('fct_experiment_assignments') }}
    ) as placed
    where place = 1

){% if target.type != 'spark' %},

clusters as (

    select * from {{ ref('ml_user_clusters') }}
    where is_preferred and cluster > 0

){% endif %}

select
    users.user_id,
    users.has_profile,
    users.created_at,
    users.created_on,
    users.gender,
    users.birth_date,
    cast(users.age as bigint) as age,
    coalesce(age_bands.age_band, 'unknown') as age_band,
    users.income_band,
    users.acquisition_channel,
    users.acquisition_campaign,
    users.country_group,
    users.device_type,
    users.user_level,
    users.updated_at as profile_updated_at,
    {{ period_index('day', 'users.told_on') }} - {{ period_index('day', 'users.created_on') }} as tenure_days,
    activity.first_active_at,
    activity.last_active_at,
    cast(activity.days_since_active as bigint) as days_since_active,
    cast(coalesce(activity.active_days, 0) as bigint) as active_days,
    cast(coalesce(activity.active_days_7d, 0) as bigint) as active_days_7d,
    cast(coalesce(activity.active_days_28d, 0) as bigint) as active_days_28d,
    cast(coalesce(activity.message_count, 0) as bigint) as message_count,
    cast(coalesce(activity.message_count_7d, 0) as bigint) as message_count_7d,
    cast(coalesce(activity.message_count_28d, 0) as bigint) as message_count_28d,
    cast(coalesce(sessions.session_count, 0) as bigint) as session_count,
    cast(coalesce(sessions.session_count_7d, 0) as bigint) as session_count_7d,
    cast(coalesce(sessions.session_count_28d, 0) as bigint) as session_count_28d,
    cast(coalesce(sessions.event_count, 0) as bigint) as event_count,
    cast(coalesce(sessions.chat_event_count, 0) as bigint) as chat_event_count,
    sessions.mean_session_seconds,
    sessions.first_session_at,
    sessions.last_session_at,
    engagement.first_contact_at,
    engagement.first_chat_at,
    engagement.seconds_to_first_chat,
    engagement.initiated_within_7d,
    engagement.is_complete_7d,
    engagement.is_non_engaging,
    coalesce(moderated.moderated_session_count, 0) as moderated_session_count,
    moderated.moderated_minutes,
    moderated.mean_engagement_score,
    moderated.mean_engagement_index,
    moderated.mean_feedback_rating,
    moderated.last_moderated_session_at,
    coalesce(recommendations.recommendation_count, 0) as recommendation_count,
    recommendations.recommendation_types,
    recommendations.avg_recommendation_ctr,
    recommendations.avg_recommendation_feedback,
    first_sessions.user_id is not null as is_client,
    coalesce(accounts.account_count, 0) as account_count,
    coalesce(accounts.activated_account_count, 0) as activated_account_count,
    accounts.first_activated_at,
    first_sessions.segment as first_session_segment,
    coalesce(points.balance, 0) as point_balance,
    coalesce(points.accrued_points, 0) as accrued_points,
    coalesce(points.redeemed_points, 0) as redeemed_points,
    coalesce(points.expired_points, 0) as expired_points,
    coalesce(points.overdrafts, 0) as overdrafts,
    points.last_transaction_at as last_point_transaction_at,
    coalesce(orders.order_count, 0) as order_count,
    cast(coalesce(orders.order_count_28d, 0) as bigint) as order_count_28d,
    cast(orders.order_value as double) as order_value,
    orders.first_ordered_at,
    orders.last_ordered_at,
    segments.segment,
    segments.segment_month,
    {{ 'clusters.cluster' if target.type != 'spark' else 'cast(null as bigint)' }} as cluster,
    predictions.predicted_orders_next_week,
    predictions.probability_no_order_next_week,
    predictions.probability_dead,
    predictions.predicted_from,
    last_assignments.experiment_name as last_experiment,
    last_assignments.variant as last_variant,
    last_assignments.stratum as last_stratum,
    last_assignments.assigned_at as last_assigned_at
from users
left join age_bands on users.age >= age_bands.start_age and users.age < age_bands.end_age
left join activity on users.user_id = activity.user_id
left join sessions on users.user_id = sessions.user_id
left join engagement on users.user_id = engagement.user_id
left join moderated on users.user_id = moderated.user_id
left join recommendations on users.user_id = recommendations.user_id
left join first_sessions on users.user_id = first_sessions.user_id
left join accounts on users.user_id = accounts.user_id
left join points on users.user_id = points.user_id
left join orders on users.user_id = orders.user_id
left join segments on users.user_id = segments.user_id
left join predictions on users.user_id = predictions.user_id
left join last_assignments on users.user_id = last_assignments.user_id
{%- if target.type != 'spark' %}
left join clusters on users.user_id = clusters.user_id
{%- endif %}
