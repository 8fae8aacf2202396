{{ config(materialized='view') }}

select user_id from {{ ref('stg_platform__users') }}
union distinct
select user_id from {{ ref('int_events') }}
union distinct
select client_id as user_id from {{ ref('stg_onboarding__clients') }}
union distinct
select user_id from {{ ref('stg_platform__activity_sessions') }}
union distinct
select user_id from {{ ref('stg_platform__recommendations') }}
union distinct
select user_id from {{ ref('stg_platform__orders') }}
union distinct
select user_id from {{ ref('stg_loyalty__point_transactions') }}
union distinct
select user_id from {{ ref('stg_experiments__exposures') }}
