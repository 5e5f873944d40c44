#include "OpenSSLHash.h"
