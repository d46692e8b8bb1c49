"""What a client that rests has allocated: many of them in one process, as
../clients/clients.c counts them, beside a server of ours.
"""

import ctypes
import json
import os
import subprocess
import tempfile

from memory import Page
from process import LIMIT, Server, ServerFailed

CLIENTS = 500


def measure(built, hook):
    """Bytes of a client, rounded up as malloc rounds them."""
    with tempfile.NamedTemporaryFile(prefix="counters-") as file:
        file.truncate(ctypes.sizeof(Page))
        server = Server([f"{built}/server"])
        try:
            command = [f"{built}/clients", "idle", "--port", str(server.port)]
            command += ["--clients", str(CLIENTS), "--counters", file.name]
            hooked = {"SIO_COUNTERS": file.name, "LD_PRELOAD": hook}
            done = subprocess.run(
                command,
                env={**os.environ, **hooked},
                capture_output=True,
                text=True,
                timeout=2 * LIMIT,
            )
        except subprocess.TimeoutExpired:
            raise ServerFailed("the clients hang") from None
        finally:
            server.close()
    if done.returncode != 0:
        raise ServerFailed(done.stderr.strip())
    return json.loads(done.stdout)["heap_per_client_bytes"]
