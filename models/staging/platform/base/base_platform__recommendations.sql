{{ checked_rows('platform', 'recommendations') }}
