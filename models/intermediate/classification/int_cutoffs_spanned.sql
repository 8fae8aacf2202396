with

-- Orders are predicted from activity: both have to be known.
known as (

    select {{ week_of('least(' ~ as_of('orders') ~ ', ' ~ as_of('activity') ~ ')') }} as newest_week

),

weeks as (

    select
        newest_week,
        {{ each_number('newest_week - ' ~ (var('feature_cutoffs') - 1), 'newest_week') }} as week_index
    from known
    where newest_week is not null

),

-- Week 0 is that of the first of January 1970, a Thursday.
dated as (

    select
        *,
        date '1970-01-01' + cast(7 * week_index - 3 as int) as cutoff_on
    from weeks

)

select
    cast(week_index as bigint) as week_index,
    cutoff_on,
    {{ from_zone('cast(cutoff_on as timestamp)', var('reporting_timezone')) }} as cutoff_at,
    week_index = newest_week as is_newest
from dated
