"""What lets training and serving run as several processes or instances."""
