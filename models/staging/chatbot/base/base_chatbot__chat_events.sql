{{ checked_events(
    'chatbot', 'chat_events',
    event_id='event_id',
    content="md5(" ~ row_as_json(['user_id', 'event_name', 'event_at', 'device_type']) ~ ")"
) }}
