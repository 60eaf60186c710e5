using System.Numerics;
using Mnist.Training.Layers;

namespace Mnist.Training;

/// <summary>
/// Adam (Kingma and Ba 2014, arXiv 1412.6980) with decoupled weight decay (Loshchilov and Hutter 2017, arXiv 1711.05101) over the flat
/// parameter vector. Only weights decay, not biases and not the scales and shifts of batch normalisation.
/// </summary>
internal sealed class AdamW
{
    private const float Beta1 = 0.9f;
    private const float Beta2 = 0.999f;
    private const float Epsilon = 1e-8f;

    private readonly float[] _decay;
    private readonly float[] _firstMoment;
    private readonly float[] _secondMoment;
    private int _steps;

    public AdamW(ParameterLayout layout, double weightDecay)
    {
        _decay = new float[layout.Length];
        _firstMoment = new float[layout.Length];
        _secondMoment = new float[layout.Length];
        foreach (var layer in layout.Layers)
        {
            _decay.AsSpan(layer.Weight.Offset, layer.Weight.Length).Fill((float)weightDecay);
        }
    }

    public ReadOnlySpan<float> FirstMoment => _firstMoment;

    public ReadOnlySpan<float> SecondMoment => _secondMoment;

    public void Load(int steps, ReadOnlySpan<float> firstMoment, ReadOnlySpan<float> secondMoment)
    {
        _steps = steps;
        firstMoment.CopyTo(_firstMoment);
        secondMoment.CopyTo(_secondMoment);
    }

    public void Step(Span<float> parameters, ReadOnlySpan<float> gradient, double learningRate)
    {
        _steps++;
        float rate = (float)(learningRate / (1 - Math.Pow(Beta1, _steps)));
        var inverseCorrection = new Vector<float>((float)(1 / (1 - Math.Pow(Beta2, _steps))));
        for (int i = 0; i < parameters.Length; i += Vector<float>.Count)
        {
            var g = new Vector<float>(gradient[i..]);
            var first = (Beta1 * new Vector<float>(_firstMoment, i)) + ((1 - Beta1) * g);
            var second = (Beta2 * new Vector<float>(_secondMoment, i)) + ((1 - Beta2) * g * g);
            first.CopyTo(_firstMoment, i);
            second.CopyTo(_secondMoment, i);
            var value = new Vector<float>(parameters[i..]);
            var step = rate * first / (Vector.SquareRoot(second * inverseCorrection) + new Vector<float>(Epsilon));
            (value - step - ((float)learningRate * new Vector<float>(_decay, i) * value)).CopyTo(parameters[i..]);
        }
    }
}
