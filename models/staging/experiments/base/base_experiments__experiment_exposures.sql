{{ checked_rows('experiments', 'experiment_exposures') }}
