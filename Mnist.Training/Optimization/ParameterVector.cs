using Mnist.Inference.Model;
using Mnist.Inference.Plan;

namespace Mnist.Training.Optimization;

/// <summary>All parameters of a network as one flat vector, with the weights also in the orders that the kernels read.</summary>
internal sealed class ParameterVector
{
    private readonly AlignedBuffer _values;
    private readonly ParameterLayout _layout;
    private readonly Dictionary<int, LayerWeights> _weights;

    public ParameterVector(ParameterLayout layout)
    {
        _values = new AlignedBuffer(layout.Length);
        _layout = layout;
        _weights = layout.Layers.ToDictionary(layer => layer.LayerIndex, layer => new LayerWeights(layer, layout.Architecture.Layers[layer.LayerIndex] is DenseLayer));
    }

    public Span<float> All => _values.Span;

    public ReadOnlySpan<float> this[Segment segment] => segment.Of(_values.Span);

    /// <summary>The weights that the forward pass of a layer reads; valid after <see cref="Update()"/>.</summary>
    public ReadOnlySpan<float> Forward(LayerParameters layer) => layer.Winograd is not null ? _weights[layer.LayerIndex].Transformed : this[layer.Weight];

    /// <summary>The weights that the input gradient of a layer reads; valid after <see cref="Update()"/>.</summary>
    public ReadOnlySpan<float> Backward(LayerParameters layer) =>
        layer.Winograd is not null ? _weights[layer.LayerIndex].TransformedTransposed : _weights[layer.LayerIndex].Transposed;

    /// <summary>Number of independent tasks of <see cref="Update()"/>.</summary>
    public int UpdateCount => 2 * _layout.Layers.Count;

    /// <summary>Recomputes what the kernels read; must be called after every change of the values.</summary>
    public void Update()
    {
        for (int task = 0; task < UpdateCount; task++)
        {
            Update(task);
        }
    }

    /// <summary>Runs one task of <see cref="Update()"/>; tasks may run in parallel.</summary>
    /// <param name="task">0 to <see cref="UpdateCount"/> - 1.</param>
    public void Update(int task)
    {
        // The last layers have the most weights, and the longest tasks go first.
        var layer = _layout.Layers[^(1 + (task / 2))];
        if (task % 2 == 0)
        {
            _weights[layer.LayerIndex].UpdateForward(this[layer.Weight]);
        }
        else
        {
            _weights[layer.LayerIndex].UpdateBackward(this[layer.Weight]);
        }
    }
}
