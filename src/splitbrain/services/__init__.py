"""An order, a payment and a stock service, each with a database of its own, coupled by messages only.

`shop.Shop` runs them in one process, step by step, and kills them where it is told; as processes they are run by
`splitbrain.messaging.worker`. The same two participants take part in a saga (`order.py`), in a choreography
(`choreography.py`) and in a routing slip (`routing_slip.py`).
"""
