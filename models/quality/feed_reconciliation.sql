{{ config(post_hook=once_written('{{ fail_on_rejected_share(this, ref("rejected_rows")) }}')) }}

-- depends_on: {{ ref('rejected_rows') }}

with

loaded as (

    select * from {{ source('loader', 'loaded_feeds') }}

),

outcomes as (
    {% for feed in feeds() %}
    select
        '{{ feed.name }}' as feed,
        outcome,
        count(*) as row_count
    from {{ ref(feed.model) }}
    group by outcome
    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}
),

counted as (

    select
        feed,
        sum(case when outcome = 'accepted' then row_count else 0 end) as accepted_rows,
        sum(case when outcome = 'rejected' then row_count else 0 end) as rejected_rows,
        sum(case when outcome = 'duplicate' then row_count else 0 end) as duplicate_rows
    from outcomes
    group by feed

)

select
    loaded.feed,
    loaded.read_from is not null as is_present,
    loaded.raw_rows,
    cast(coalesce(counted.accepted_rows, 0) as bigint) as accepted_rows,
    cast(coalesce(counted.rejected_rows, 0) as bigint) as rejected_rows,
    cast(coalesce(counted.duplicate_rows, 0) as bigint) as duplicate_rows
from loaded
left join counted on loaded.feed = counted.feed
