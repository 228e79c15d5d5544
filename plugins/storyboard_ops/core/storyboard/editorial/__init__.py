"""Write the storyboard as editing suites and production trackers read it."""
