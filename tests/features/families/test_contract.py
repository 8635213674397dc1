from pandas.testing import assert_frame_equal

# Snapshot 2024-12, one customer for each situation.
CONTRACTS = """contract_id,customer_id,start_month,end_month,auto_renew
1,far,2024-10-01,2025-09-01,yes
2,near,2023-03-01,2024-02-01,no
3,near,2024-03-01,2025-02-01,no
4,last,2024-01-01,2024-12-01,
5,just_out,2023-11-01,2024-10-01,yes
6,out,2023-10-01,2024-09-01,no
7,two,2024-01-01,2025-06-01,yes
8,two,2024-07-01,2025-03-01,no
9,to_come,2025-01-01,2025-12-01,yes
"""
WHO = ("far", "near", "last", "just_out", "out", "two", "to_come", "never")


def test_contract_by_hand(features, bills, expected):
    billing = bills("2024-12", **dict.fromkeys(WHO, "9 9"))

    found = features("contract", "2024-12", billing=billing, contracts=CONTRACTS)

    # `two`: the one that ends first gives the renewal, the longer one the term
    wanted = """
    customer_id             far  just_out  last  near  never  out  to_come  two
    has_contract            1    0         1     1     0      0    0        1
    months_to_renewal       9    -         0     2     -      -    -        3
    in_renewal_window       0    1         1     1     0      0    0        0
    contract_months         12   -         12    12    -      -    -        18
    months_out_of_contract  -    2         -     -     -      3    -        -
    contracts_so_far        1    1         1     2     0      1    0        2
    auto_renews             1    -         0     0     -      -    -        1
    """
    assert_frame_equal(found, expected(wanted))
