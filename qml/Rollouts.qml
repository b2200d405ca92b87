// SPDX-License-Identifier: Apache-2.0
import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Layouts

Rectangle {
    id: root
    color: theme.base

    // One replica: shape and colour say its state, the tip says which and why.
    component Block: Rectangle {
        required property var modelData
        readonly property bool planned: modelData.name === ""
        width: 22
        height: 22
        radius: 4
        color: planned ? "transparent" : theme.tone(modelData.tone)
        border { width: planned ? 1 : 0; color: theme.muted }
        Text {
            anchors.centerIn: parent
            text: parent.planned || parent.modelData.tone === 1 ? "" : theme.mark(parent.modelData.tone)
            color: theme.base
            font.pixelSize: 12
        }
        MouseArea { id: hover; anchors.fill: parent; hoverEnabled: true; acceptedButtons: Qt.NoButton }
        ToolTip.visible: hover.containsMouse
        ToolTip.text: modelData.tip
        Accessible.role: Accessible.Graphic
        Accessible.name: modelData.tip
    }

    component Blocks: RowLayout {
        property string label
        property string image
        property var blocks: []
        visible: blocks.length > 0
        spacing: 10
        Text { text: label; color: theme.muted; font.pixelSize: 12; Layout.preferredWidth: 30; Layout.alignment: Qt.AlignTop; topPadding: 4 }
        Flow {
            Layout.fillWidth: true
            spacing: 4
            Repeater { model: blocks; delegate: Block {} }
        }
        Text { text: image; textFormat: Text.PlainText; color: theme.muted; font.pixelSize: 12; elide: Text.ElideLeft; Layout.maximumWidth: 320; Layout.alignment: Qt.AlignTop; topPadding: 4 }
    }

    component Action: Button {
        id: action
        property bool allowed: true
        property string why
        // A disabled item gets no hover: it stays enabled, looks disabled and says why.
        onClicked: if (allowed) chosen()
        signal chosen()
        opacity: allowed ? 1 : 0.45
        focusPolicy: Qt.TabFocus
        contentItem: Text { text: action.text; color: theme.text; font.pixelSize: 12; horizontalAlignment: Text.AlignHCenter; verticalAlignment: Text.AlignVCenter }
        background: Rectangle { radius: 4; color: action.hovered && action.allowed ? theme.wash(2) : theme.panel; border { width: 1; color: action.activeFocus ? theme.accent : theme.line } }
        padding: 6
        leftPadding: 12
        rightPadding: 12
        ToolTip.visible: hovered && why !== "" && !allowed
        ToolTip.text: why
        Accessible.description: allowed ? "" : why
    }

    ColumnLayout {
        anchors.fill: parent
        anchors.margins: 16
        spacing: 10

        RowLayout {
            spacing: 18
            Text { text: "Rollouts"; color: theme.text; font { pixelSize: 18; weight: Font.DemiBold } }
            Repeater {
                model: [[1, "ready"], [2, "starting"], [3, "not ready"], [4, "failing"], [0, "ending"]]
                delegate: Row {
                    required property var modelData
                    spacing: 6
                    Rectangle { width: 12; height: 12; radius: 3; color: theme.tone(modelData[0]); anchors.verticalCenter: parent.verticalCenter }
                    Text { text: modelData[1]; color: theme.muted; font.pixelSize: 12 }
                }
            }
            Row {
                spacing: 6
                Rectangle { width: 12; height: 12; radius: 3; color: "transparent"; border { width: 1; color: theme.muted } anchors.verticalCenter: parent.verticalCenter }
                Text { text: "planned"; color: theme.muted; font.pixelSize: 12 }
            }
        }

        Text {
            visible: list.count === 0
            text: page.loaded ? "No Deployments yet" : "Waiting for the first snapshot from the controller…"
            color: theme.muted
            font.pixelSize: 13
        }

        ListView {
            id: list
            Layout.fillWidth: true
            Layout.fillHeight: true
            clip: true
            spacing: 8
            focus: true
            keyNavigationEnabled: true
            model: page.rollouts
            cacheBuffer: 600
            ScrollBar.vertical: ScrollBar {}

            function showWanted() {
                for (let row = 0; row < count; ++row) {
                    if (model.data(model.index(row, 0), Qt.UserRole + 1) === page.wanted) {
                        currentIndex = row
                        positionViewAtIndex(row, ListView.Beginning)
                    }
                }
            }
            Component.onCompleted: showWanted()
            Connections { target: page; function onWantedChanged() { list.showWanted() } }

            Keys.onSpacePressed: if (currentItem) currentItem.togglePause()
            Keys.onPressed: event => {
                if (event.key === Qt.Key_L && currentItem) {
                    page.logs(currentItem.ns, currentItem.name, currentItem.failingPod)
                    event.accepted = true
                }
            }

            delegate: Rectangle {
                id: row
                required property int index
                required property string ns
                required property string name
                required property string status
                required property int tone
                required property string why
                required property int whyTone
                required property bool paused
                required property bool rolling
                required property string summary
                required property string newImage
                required property string oldImage
                required property var newBlocks
                required property var oldBlocks
                required property string failingPod

                function togglePause() {
                    if (page.blocked !== "") return
                    if (paused) page.resume(ns, name)
                    else if (rolling) page.pause(ns, name)
                }

                width: list.width - 12
                height: body.implicitHeight + 24
                radius: 6
                color: theme.panel
                border { width: 1; color: ListView.isCurrentItem && list.activeFocus ? theme.accent : theme.line }
                Accessible.role: Accessible.ListItem
                Accessible.name: ns + "/" + name + ", " + status + ", " + summary + (why ? ", " + why : "")

                MouseArea {
                    anchors.fill: parent
                    onClicked: { list.currentIndex = row.index; list.forceActiveFocus(); page.inspect("Deployment", row.ns, row.name) }
                }

                ColumnLayout {
                    id: body
                    anchors { left: parent.left; right: parent.right; top: parent.top; margins: 12 }
                    spacing: 8
                    RowLayout {
                        spacing: 10
                        Text { text: row.ns + "/" + row.name; textFormat: Text.PlainText; color: theme.text; font { pixelSize: 14; weight: Font.DemiBold } }
                        Rectangle {
                            radius: 4
                            color: theme.wash(row.tone)
                            implicitWidth: state.implicitWidth + 14
                            implicitHeight: state.implicitHeight + 6
                            Text { id: state; anchors.centerIn: parent; text: theme.mark(row.tone) + " " + row.status; textFormat: Text.PlainText; color: theme.tone(row.tone); font { pixelSize: 12; weight: Font.DemiBold } }
                        }
                        Text { text: row.summary; color: theme.muted; font.pixelSize: 12 }
                        Item { Layout.fillWidth: true }
                        Action {
                            text: row.paused ? "Resume…" : "Pause…"
                            visible: row.rolling || row.paused
                            allowed: page.blocked === ""
                            why: page.blocked
                            onChosen: row.togglePause()
                        }
                        Action { text: "Logs"; onChosen: page.logs(row.ns, row.name, row.failingPod) }
                    }
                    Blocks { label: "new"; image: row.newImage; blocks: row.newBlocks; Layout.fillWidth: true }
                    Blocks { label: "old"; image: row.oldImage; blocks: row.oldBlocks; Layout.fillWidth: true }
                    Text {
                        visible: page.answer !== "" && page.answeredRow === row.ns + "/" + row.name
                        text: page.answer
                        textFormat: Text.PlainText
                        color: theme.tone(page.answerTone)
                        font.pixelSize: 12
                        wrapMode: Text.Wrap
                        Layout.fillWidth: true
                    }
                    Text {
                        visible: row.why !== ""
                        text: row.why
                        textFormat: Text.PlainText
                        color: theme.tone(row.whyTone)
                        font.pixelSize: 12
                        wrapMode: Text.Wrap
                        Layout.fillWidth: true
                    }
                }
            }
        }
    }
}
