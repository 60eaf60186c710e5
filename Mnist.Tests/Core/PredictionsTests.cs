using Mnist.Core.Models;

namespace Mnist.Tests.Core;

public sealed class PredictionsTests
{
    [Test]
    public void Item_OfEquallyProbableDigits_IsTheLowest()
    {
        var predictions = new Predictions([0, 0, 0.25f, 0, 0.5f, 0, 0, 0.5f, 0, 0]);

        Assert.That(predictions[0], Is.EqualTo(new Prediction(4, 0.5f)));
    }
}
