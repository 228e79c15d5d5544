"""What every AWS call needs: account facts, rates, parallel calls, queues."""
