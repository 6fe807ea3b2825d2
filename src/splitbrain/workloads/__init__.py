"""Workloads: what clients ask of a cluster, planned as plain values, each with the name of who judges it.

Who writes a node for one of them writes these handlers:

================  ==========================================  ====================
workload          handlers                                    judged by default by
================  ==========================================  ====================
`register`        ``put(key, value)``, ``get(key)``           linearizability
`cas_register`    the same, ``cas(key, old, new)``            cas-register
`kv`              ``put``, ``append(key, text)``, ``get``     kv
`mutex`           ``acquire``, ``release(key, client)``       mutex
`queue`           ``enqueue(key, value)``, ``dequeue(key)``   total-queue
`counter`         ``add(key, amount)``, ``read(key)``         counter
`grow_only_set`   ``add(key, element)``, ``read(key)``        set
`bank`            ``transfer(source, target, amount)``,       bank
                  ``read()``
`append`          ``txn([["append", key, value], ...])``      list-append
`rw_register`     ``txn([["w", key, value], ...])``           rw-register
================  ==========================================  ====================
"""

from splitbrain.workloads.bank import bank
from splitbrain.workloads.cas_register import cas_register
from splitbrain.workloads.counter import counter
from splitbrain.workloads.grow_only_set import grow_only_set
from splitbrain.workloads.kv import kv
from splitbrain.workloads.mutex import mutex
from splitbrain.workloads.plan import Planned, Workload
from splitbrain.workloads.queue import queue
from splitbrain.workloads.register import register
from splitbrain.workloads.transactions import append, rw_register

__all__ = ["Planned", "Workload", "append", "bank", "cas_register", "counter", "grow_only_set", "kv", "mutex", "queue",
           "register", "rw_register"]
