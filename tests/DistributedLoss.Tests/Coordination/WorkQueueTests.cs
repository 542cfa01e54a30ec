using DistributedLoss.Coordination;

namespace DistributedLoss.Tests.Coordination;

public sealed class WorkQueueTests
{
    [Fact]
    public void It_hands_out_what_a_sorted_set_would_for_any_order_of_calls()
    {
        const int Shards = 200;
        var random = new Random(1);
        for (int round = 0; round < 50; round++)
        {
            SortedSet<int> expected = [.. Enumerable.Range(0, Shards).Where(_ => random.Next(3) > 0)];
            var queue = new WorkQueue(Shards, expected);
            for (int step = 0; step < 500; step++)
            {
                int shard = random.Next(Shards);
                switch (random.Next(40))
                {
                    case 0:
                        queue.RemoveFrom(shard);
                        expected.RemoveWhere(s => s >= shard);
                        break;
                    case < 10:
                        queue.Remove(shard);
                        expected.Remove(shard);
                        break;
                    case < 20:
                        queue.Return(shard);
                        expected.Add(shard);
                        break;
                    default:
                        int divisor = 1 + random.Next(3);
                        int? first = expected.Where(s => s % divisor == 0).Select(s => (int?)s).FirstOrDefault();
                        Assert.Equal(first, queue.Take(s => s % divisor == 0));
                        expected.Remove(first ?? -1);
                        break;
                }

                Assert.Equal(expected.Count == 0, queue.IsEmpty);
            }
        }
    }
}
