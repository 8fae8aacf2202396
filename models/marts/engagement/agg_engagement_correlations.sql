with

session_metrics as (

    {{ metrics_as_rows(
        ref('fct_activity_sessions'), 'session_id',
        [
            'session_length_minutes', 'messages_sent', 'feedback_rating', 'resources_clicked', 'per_session_ctr',
            'user_engagement_score',
        ]
    ) }}

),

moderator_metrics as (

    {{ metrics_as_rows(
        ref('fct_moderator_performance'), 'moderator_id',
        ['chat_sessions_moderated', 'avg_response_seconds', 'user_satisfaction_score']
    ) }}

),

metrics as (

    select
        'sessions' as subject,
        *
    from session_metrics

    union all

    select
        'moderators' as subject,
        *
    from moderator_metrics

),

-- Each pair once, each metric with itself: the other half of the matrix mirrors this one.
pairs as (

    select
        metrics_x.subject,
        metrics_x.metric as metric_x,
        metrics_y.metric as metric_y,
        metrics_x.metric_value as x,
        metrics_y.metric_value as y
    from metrics as metrics_x
    inner join metrics as metrics_y
        on
            metrics_x.subject = metrics_y.subject
            and metrics_x.entity_id = metrics_y.entity_id
            and metrics_x.metric <= metrics_y.metric

),

ranked as (

    select
        *,
        {{ mean_rank('x', peers='subject, metric_x, metric_y') }} as rank_of_x,
        {{ mean_rank('y', peers='subject, metric_x, metric_y') }} as rank_of_y
    from pairs

),

correlations as (

    select
        subject,
        metric_x,
        metric_y,
        {{ correlation('x', 'y') }} as pearson,
        {{ correlation('rank_of_x', 'rank_of_y') }} as spearman,
        count(*) as sample_size
    from ranked
    group by subject, metric_x, metric_y

)

select
    subject,
    metric_x,
    metric_y,
    pearson,
    spearman,
    sample_size
from correlations

union all

select
    subject,
    metric_y as metric_x,
    metric_x as metric_y,
    pearson,
    spearman,
    sample_size
from correlations
where metric_x != metric_y
