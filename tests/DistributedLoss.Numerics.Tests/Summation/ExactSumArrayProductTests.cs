using DistributedLoss.Numerics.Summation;

namespace DistributedLoss.Numerics.Tests.Summation;

public class ExactSumArrayProductTests
{
    [Fact]
    public void Products_are_those_of_ExactSum_whatever_their_range()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var (array, sum) = (new ExactSumArray(3), new ExactSum());
            for (var i = 0; i < 100; i++)
            {
                var (a, b) = (Factor(random, seed), Factor(random, seed));
                array.AddProduct(1, a, b);
                sum.AddProduct(a, b);
                if (i % 5 == 0)
                {
                    array.Add(1, a);
                    sum.Add(a);
                }

                if (i % 20 == 0)
                    Assert.Equal(sum.ToRational(), array.Get(1).ToRational());
            }

            Assert.Equal(sum.ToRational(), array.Get(1).ToRational());
            Assert.Equal((sum.NaNCount, sum.PositiveInfinityCount, sum.NegativeInfinityCount),
                (array.Get(1).NaNCount, array.Get(1).PositiveInfinityCount, array.Get(1).NegativeInfinityCount));
            Assert.Equal(0, array.Get(0).Sign);
            Assert.Equal(0, array.Get(2).Sign);
        }
    }

    [Fact]
    public void Every_edge_of_the_window_is_invisible_to_a_product()
    {
        for (var exponent = -320; exponent <= 70; exponent++)
        {
            var (array, sum) = (new ExactSumArray(1), new ExactSum());
            foreach (var (a, b) in new[] { (1.0, 1.0), (-1.0, Math.BitDecrement(2.0)), (Math.BitDecrement(2.0), Math.BitDecrement(2.0)), (1.5, -1.25), (Math.BitIncrement(1.0), Math.BitIncrement(1.0)) })
            {
                for (var i = 0; i < 40; i++)
                {
                    array.AddProduct(0, Math.ScaleB(a, exponent), b);
                    sum.AddProduct(Math.ScaleB(a, exponent), b);
                }

                Assert.Equal(sum.ToRational(), array.Get(0).ToRational());
            }
        }
    }

    [Fact]
    public void Usual_weights_and_losses_stay_in_the_window()
    {
        var array = new ExactSumArray(1);
        array.AddProduct(0, 0.1, 0.2);
        var before = array.AllocatedBytes;
        foreach (var loss in new[] { 1e-40, 1e-15, 0.7, 700.0, 1e15 })
        {
            foreach (var weight in new[] { 1e-3, 0.1, 1.0, 7.3, 1000 })
                array.AddProduct(0, weight, loss);
        }

        // A weight of few bits takes nothing from the window: down to 2^-204, as without one.
        array.AddProduct(0, 0.5, Math.ScaleB(1.1, -200));
        Assert.Equal(before, array.AllocatedBytes);
        Assert.Throws<ArgumentOutOfRangeException>(() => array.AddProduct(1, 1, 1));
    }

    private static double Factor(Random random, int seed) => random.Next(30) switch
    {
        0 => 0.0,
        1 => -0.0,
        2 when seed % 3 == 0 => double.PositiveInfinity,
        3 when seed % 3 == 0 => double.NaN,
        4 when seed % 3 == 1 => Samples.Finite(random),
        5 => random.Next(9) - 4,
        6 or 7 => Samples.Patterned(random, 1023 - 130, 1023 - 90),
        8 or 9 => Samples.Patterned(random, 1023 + 20, 1023 + 34),
        < 20 => -Samples.Loss(random),
        _ => Samples.Loss(random),
    };
}
