{{ checked_rows('platform', 'orders') }}
