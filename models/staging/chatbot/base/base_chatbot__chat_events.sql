{{ checked_events(
    'chatbot', 'chat_events',
    event_id='event_id',
    content=chat_event_content()
) }}
