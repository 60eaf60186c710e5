using System.Numerics;

namespace Mnist.Training.Optimization;

/// <summary>
/// Adam (Kingma and Ba 2014, arXiv 1412.6980) with decoupled weight decay (Loshchilov and Hutter 2017, arXiv 1711.05101) over the flat
/// parameter vector. Weight decay applies to weights only, not to biases, nor to the scales and shifts of batch normalisation.
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
    private float _learningRate;
    private float _rate;
    private float _inverseCorrection;

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

    /// <summary>Restores the state after <paramref name="steps"/> steps.</summary>
    public void Load(int steps, ReadOnlySpan<float> firstMoment, ReadOnlySpan<float> secondMoment)
    {
        _steps = steps;
        firstMoment.CopyTo(_firstMoment);
        secondMoment.CopyTo(_secondMoment);
    }

    /// <summary>Begins a step. <see cref="Update"/> must then be called once for every parameter.</summary>
    /// <param name="learningRate">Learning rate of this step.</param>
    public void Begin(double learningRate)
    {
        _steps++;
        _learningRate = (float)learningRate;
        _rate = (float)(learningRate / (1 - Math.Pow(Beta1, _steps)));
        _inverseCorrection = (float)(1 / (1 - Math.Pow(Beta2, _steps)));
    }

    /// <summary>Updates a range of the parameters. Ranges are independent, so several threads may update them.</summary>
    /// <param name="start">Index of the first parameter in the flat vector, a multiple of the vector's lanes.</param>
    /// <param name="parameters">The range.</param>
    /// <param name="gradient">Gradient of the loss by the range.</param>
    public void Update(int start, Span<float> parameters, ReadOnlySpan<float> gradient)
    {
        var inverseCorrection = new Vector<float>(_inverseCorrection);
        for (int i = 0; i < parameters.Length; i += Vector<float>.Count)
        {
            var g = new Vector<float>(gradient[i..]);
            var first = (Beta1 * new Vector<float>(_firstMoment, start + i)) + ((1 - Beta1) * g);
            var second = (Beta2 * new Vector<float>(_secondMoment, start + i)) + ((1 - Beta2) * g * g);
            first.CopyTo(_firstMoment, start + i);
            second.CopyTo(_secondMoment, start + i);
            var value = new Vector<float>(parameters[i..]);
            var step = _rate * first / (Vector.SquareRoot(second * inverseCorrection) + new Vector<float>(Epsilon));
            (value - step - (_learningRate * new Vector<float>(_decay, start + i) * value)).CopyTo(parameters[i..]);
        }
    }
}
