with

experiments as (

    select * from {{ ref('experiments') }}

),

kept as (

    select * from {{ ref('stg_experiments__assignments') }}

),

described as (

    select * from {{ ref('int_experiment_users_described') }}

),

sizes as (

    select
        experiment_name,
        combination,
        count(*) as users
    from described
    group by experiment_name, combination

),

-- How far each stratum has come.
last_places as (

    select
        experiment_name,
        stratum,
        max(place_in_stratum) as last_place
    from kept
    group by experiment_name, stratum

),

newcomers as (

    select
        described.experiment_name,
        described.assignment,
        described.user_id,
        described.assigned_at,
        case
            when described.combination = '' then 'all'
            when sizes.users >= {{ var('min_stratum_size') }} then described.combination
            else 'other'
        end as stratum
    from described
    inner join sizes
        on described.experiment_name = sizes.experiment_name and described.combination = sizes.combination
    left join kept on described.experiment_name = kept.experiment_name and described.user_id = kept.user_id
    where described.assigned_at is not null and kept.user_id is null

)

select
    newcomers.experiment_name,
    newcomers.assignment,
    newcomers.user_id,
    newcomers.stratum,
    newcomers.assigned_at,
    coalesce(last_places.last_place, 0) + row_number() over (
        partition by newcomers.experiment_name, newcomers.stratum
        order by
            {{ hashed_id(['experiments.salt', 'newcomers.experiment_name', 'newcomers.user_id']) }},
            newcomers.user_id
    ) as place_in_stratum
from newcomers
inner join experiments on newcomers.experiment_name = experiments.experiment_name
left join last_places
    on newcomers.experiment_name = last_places.experiment_name and newcomers.stratum = last_places.stratum
