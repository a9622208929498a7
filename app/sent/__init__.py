"""What phones make and send: the phone gives the id, the ward keeps it once and proves it by a signed receipt."""
