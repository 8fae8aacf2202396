-- placeholder until int_user_features is there
select user_id, 0 as accrued_points_4w, active_days_28d as active_days_4w, chat_event_count as chat_count_4w, message_count_28d as message_count_4w, moderated_minutes as moderated_minutes_4w, order_count_28d as orders_5w, session_count_28d as session_count_4w, tenure_days from {{ ref('dim_users') }}
