def test_s(net):
    s = net.polling(); s.join(); s.post('420["a",1]'); assert s.get()==['430[1]']
    w = net.joined(); w.barrier()
